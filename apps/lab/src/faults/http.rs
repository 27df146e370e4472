//! Faults of the opening handshake.

mod http_101_body_headers;
mod http_10_hop;
mod http_200_app;
mod http_400_generic;
mod http_400_socketio;
mod http_401;
mod http_403_cdn_challenge;
mod http_403_cdn_challenge_aws;
mod http_403_cdn_challenge_vercel;
mod http_403_connect_refused;
mod http_403_host;
mod http_403_ip_reputation;
mod http_403_origin;
mod http_403_subproto;
mod http_403_ua;
mod http_403_waf_rule;
mod http_404;
mod http_405_501;
mod http_407_origin;
mod http_421;
mod http_426;
mod http_429;
mod http_431_414;
mod http_500;
mod http_502;
mod http_503;
mod http_504_hang;
mod http_accept_missing;
mod http_accept_wrong;
mod http_block_page;
mod http_block_page_200;
mod http_captive_portal;
mod http_captive_portal_511;
mod http_cdn_cache_route;
mod http_cdn_ws_off;
mod http_conn_close;
mod http_cookie_missing;
mod http_ext_bad;
mod http_h2_extconnect;
mod http_h2_only;
mod http_middleware_200;
mod http_redirect;
mod http_sticky;
mod http_subproto_bad;
mod http_subproto_none;
mod http_upgrade_empty;
mod http_upgrade_stripped;
mod http_version;
mod http_waf_wrapper;
mod http_wrong_service;

/// All of them, in the order of the list.
use crate::fault::Fault;

pub(crate) const FAULTS: &[Fault] = &[
    http_upgrade_stripped::FAULT,
    http_10_hop::FAULT,
    http_conn_close::FAULT,
    http_upgrade_empty::FAULT,
    http_cdn_ws_off::FAULT,
    http_cdn_cache_route::FAULT,
    http_middleware_200::FAULT,
    http_captive_portal::FAULT,
    http_captive_portal_511::FAULT,
    http_block_page::FAULT,
    http_block_page_200::FAULT,
    http_200_app::FAULT,
    http_redirect::FAULT,
    http_400_generic::FAULT,
    http_400_socketio::FAULT,
    http_401::FAULT,
    http_403_origin::FAULT,
    http_403_connect_refused::FAULT,
    http_403_subproto::FAULT,
    http_403_cdn_challenge::FAULT,
    http_403_cdn_challenge_vercel::FAULT,
    http_403_cdn_challenge_aws::FAULT,
    http_403_waf_rule::FAULT,
    http_403_ip_reputation::FAULT,
    http_403_ua::FAULT,
    http_403_host::FAULT,
    http_404::FAULT,
    http_405_501::FAULT,
    http_407_origin::FAULT,
    http_421::FAULT,
    http_426::FAULT,
    http_429::FAULT,
    http_431_414::FAULT,
    http_500::FAULT,
    http_502::FAULT,
    http_503::FAULT,
    http_504_hang::FAULT,
    http_accept_missing::FAULT,
    http_accept_wrong::FAULT,
    http_101_body_headers::FAULT,
    http_subproto_none::FAULT,
    http_subproto_bad::FAULT,
    http_ext_bad::FAULT,
    http_version::FAULT,
    http_cookie_missing::FAULT,
    http_sticky::FAULT,
    http_h2_extconnect::FAULT,
    http_h2_only::FAULT,
    http_wrong_service::FAULT,
    http_waf_wrapper::FAULT,
];
