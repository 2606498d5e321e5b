"""`supportdesk worker`: Celery's own worker with this desk's application, without what Celery's command line loads."""

import os

import rich_click as click

from worker.cli.installation import Installation, pass_installation


@click.command(context_settings={"ignore_unknown_options": True}, options_metavar="-Q QUEUE")
@click.argument("options", nargs=-1, type=click.UNPROCESSED, help="Further options of `celery worker`.")
@pass_installation
def worker(installation: Installation, options: tuple[str, ...]) -> None:
    """Work on a queue: `-Q wire` polls and delivers, `-Q desk` decides, announces and reports.

    `-c 2` makes two children, and `-n NAME` names it, as they do for `celery worker`. Without a name it is called by
    its queue and its process, as in `wire-4711@host`, so that each answers to `celery -A worker.app inspect ping`.
    """
    if installation.config:
        os.environ["SUPPORTDESK_CONFIG"] = str(installation.config)
    from celery.bin.base import CLIContext
    from celery.bin.worker import worker as worker_of_celery

    from worker.app import app

    context = CLIContext(app=app, no_color=True, workdir=None)
    # The environment names an option's value as it does for `celery worker`.
    worker_of_celery.main(list(options), "supportdesk worker", obj=context, auto_envvar_prefix="CELERY_WORKER")
