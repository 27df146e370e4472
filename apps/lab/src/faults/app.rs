//! Faults of the application protocol after the connection is open.

use crate::fault::Fault;

mod app_auth_after_open;
mod app_error_1011;
mod app_init_timeout;
mod app_license_limit;
mod app_overload;
mod app_policy_1008;
mod app_private_code;
mod app_restart_1012_1013;
mod app_subproto_generation;
mod healthy_away;
mod healthy_goodbye;
mod unknown_below_app;

/// All of them, in the order of the list.
pub(crate) const FAULTS: &[Fault] = &[
    app_auth_after_open::FAULT,
    app_policy_1008::FAULT,
    app_error_1011::FAULT,
    app_restart_1012_1013::FAULT,
    app_private_code::FAULT,
    app_license_limit::FAULT,
    healthy_away::FAULT,
    healthy_goodbye::FAULT,
    app_init_timeout::FAULT,
    app_subproto_generation::FAULT,
    app_overload::FAULT,
    unknown_below_app::FAULT,
];
