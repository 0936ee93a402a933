//! Blocks through threads, and what each gave back in the order of the file.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// Does jobs of one kind, in the thread that sends or in others. Results come in the order of the
/// jobs, so that they are the same for any number of threads.
pub(crate) struct Pool<J, R> {
    place: Place<J, R>,
    sent: u64,
    given: u64,
    waiting: BTreeMap<u64, R>,
    /// Jobs that were lost, since a worker ended early.
    pub(crate) lost: u64,
}

/// Where jobs are done.
enum Place<J, R> {
    /// In the thread that sends.
    Here(Box<dyn FnMut(J) -> R + Send>),
    /// In threads of their own.
    Threads {
        jobs: SyncSender<(u64, J)>,
        results: Receiver<(u64, R)>,
        workers: Vec<JoinHandle<()>>,
        /// Jobs that may be under way when another is sent.
        under_way: u64,
    },
    /// Everything was done.
    Ended,
}

impl<J: Send + 'static, R: Send + 'static> Pool<J, R> {
    /// A pool of so many threads, 0 and 1 for none; `worker` makes what each of them does.
    pub(crate) fn new<W>(threads: usize, worker: impl Fn() -> W) -> Self
    where
        W: FnMut(J) -> R + Send + 'static,
    {
        let place =
            if threads <= 1 { Place::Here(Box::new(worker())) } else { start(threads, worker) };
        Self { place, sent: 0, given: 0, waiting: BTreeMap::new(), lost: 0 }
    }

    /// Does a job, or has it done.
    pub(crate) fn send(&mut self, job: J) {
        let number = self.sent;
        match &mut self.place {
            Place::Here(work) => {
                self.waiting.insert(number, work(job));
            }
            Place::Threads { jobs, .. } => {
                if jobs.send((number, job)).is_err() {
                    self.lost += 1;
                    return;
                }
            }
            Place::Ended => return,
        }
        self.sent += 1;
    }

    /// The result of the next job if it is there. Waits for it while more jobs are under way than
    /// may be.
    pub(crate) fn next(&mut self) -> Option<R> {
        let under_way = match &self.place {
            Place::Threads { under_way, .. } => *under_way,
            Place::Here(_) | Place::Ended => 0,
        };
        self.next_of(under_way)
    }

    /// The result of the next job, waited for; `None` when there is none any more.
    pub(crate) fn rest(&mut self) -> Option<R> {
        self.next_of(0)
    }

    fn next_of(&mut self, under_way: u64) -> Option<R> {
        loop {
            if let Some(result) = self.waiting.remove(&self.given) {
                self.given += 1;
                return Some(result);
            }
            let Place::Threads { results, .. } = &self.place else { return None };
            let received = if self.sent - self.given > under_way {
                results.recv().ok()
            } else {
                results.try_recv().ok()
            };
            let (number, result) = received?;
            self.waiting.insert(number, result);
        }
    }

    /// Ends the threads.
    pub(crate) fn end(&mut self) {
        if let Place::Threads { jobs, workers, .. } =
            std::mem::replace(&mut self.place, Place::Ended)
        {
            drop(jobs);
            for worker in workers {
                let _ = worker.join();
            }
        }
    }
}

/// Starts threads.
fn start<J: Send + 'static, R: Send + 'static, W>(
    threads: usize,
    worker: impl Fn() -> W,
) -> Place<J, R>
where
    W: FnMut(J) -> R + Send + 'static,
{
    let (jobs, queue) = sync_channel::<(u64, J)>(threads * 2);
    let (done, results) = channel();
    let queue = Arc::new(Mutex::new(queue));
    let workers = (0..threads)
        .map(|_| {
            let queue = Arc::clone(&queue);
            let done = done.clone();
            let mut work = worker();
            std::thread::spawn(move || {
                loop {
                    let job = match queue.lock() {
                        Ok(queue) => queue.recv(),
                        Err(_) => return,
                    };
                    let Ok((number, job)) = job else { return };
                    if done.send((number, work(job))).is_err() {
                        return;
                    }
                }
            })
        })
        .collect();
    Place::Threads { jobs, results, workers, under_way: threads as u64 + 1 }
}
