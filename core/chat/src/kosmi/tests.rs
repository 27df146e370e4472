use super::*;

#[test]
fn the_built_in_profile_can_be_used() {
    let profile = Profile::default();
    assert_eq!(profile.steps().count(), 9);
}
