"""People, staff, and who may get a ticket."""
