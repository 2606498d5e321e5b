"""Mail of staff about no single ticket comes in: their absence, or lines about many tickets go out."""
