//! Named network faults and stand-ins, so that clients can be rehearsed against them.
