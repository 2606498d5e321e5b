"""The table mail.event: what triggers and we note as changed comes in, claimed events go out."""
