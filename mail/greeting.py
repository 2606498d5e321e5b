"""Looking whether an SMTP server lets us in, without sending anything."""

from mail.smtp import SmtpServer, open_smtp


def greet(server: SmtpServer, local_hostname: str) -> None:
    """Log in and leave; raises the wire's two errors, as sending would."""
    with open_smtp(server, local_hostname):
        pass
