//! The stand-ins whose cause only a check with a browser finds.

use std::thread;

use tokio::runtime::Runtime;
use towpath_lab::{Options, faults, start};
use towpath_tests::support::{Check, Sure};

#[test]
fn stand_ins_are_named_by_a_check_with_a_browser() {
    let runtime = Runtime::new().expect("a runtime");
    for fault in faults().iter().filter(|fault| fault.by_browser) {
        let running = runtime
            .block_on(start(fault.name, Options::default()))
            .expect("the fault starts");
        let check = Check::bare().args(running.check_arguments()).with_browser();
        // Under the fault's name, by which the result is noted.
        thread::scope(|scope| {
            let name = format!("lab::{}", fault.name);
            let run = move || check.run().assert_first(fault.causes[0], Sure::Likely);
            let thread = thread::Builder::new().name(name);
            let run = thread.spawn_scoped(scope, run).expect("a thread");
            if let Err(panic) = run.join() {
                std::panic::resume_unwind(panic);
            }
        });
        runtime.block_on(running.stop());
    }
}
