//! Who is told of every step.

use towpath_diagnosis::observation::Fact;

/// Sees each step of a dial as a fact, in the order in which the steps were taken.
///
/// It must not block: it is called between two steps of a measured attempt.
pub trait Witness: Send {
    /// One step was taken.
    fn saw(&mut self, fact: Fact);
}

impl Witness for Vec<Fact> {
    fn saw(&mut self, fact: Fact) {
        self.push(fact);
    }
}

/// For a dial whose steps nobody records.
impl Witness for () {
    fn saw(&mut self, _: Fact) {}
}
