//! What each panel of the page shows, as plain data: functions from the cluster, tested natively.
