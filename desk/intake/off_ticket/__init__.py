"""Mail about no single ticket comes in: commands that need none, absences, or lines about many tickets go out."""
