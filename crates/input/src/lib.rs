//! Opens what the user names: folders, archives, compressed files, standard input.
