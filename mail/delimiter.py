"""The line above which answers are written: our mails print it, and reading cuts at it."""

DELIMITER = "-- Please write your answer above this line --"
