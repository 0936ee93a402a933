//! Rule files over tables and facts: compiled, evaluated, explained, tested.
