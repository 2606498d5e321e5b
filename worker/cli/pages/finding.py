"""What a check found, as a line or as JSON."""

import json

import click

from worker.admin.doctor.finding import Finding
from worker.cli.errors import EXIT_STATUS
from worker.runtime.terminal import printable


def show_finding(finding: Finding, *, as_json: bool) -> int:
    """Print a finding, and return the exit status that it asks for."""
    if as_json:
        said = {name: getattr(finding, name) or None for name in ("trouble", "advice", "found")}
        click.echo(json.dumps({"part": finding.part, **said}))
    else:
        advice = f"{finding.part}: advice: {finding.advice}" if finding.advice else ""
        click.echo(printable(advice or finding.trouble or f"{finding.part}: {finding.found or 'fine'}"))
    return EXIT_STATUS if finding.blind else int(bool(finding.trouble))
