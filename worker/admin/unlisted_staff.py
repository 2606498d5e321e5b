"""An alert about accounts of the web application that an admin should look at."""

from desk.notices.events import Alert
from models.events.rows import add_alert
from models.people.suspects import find_new_suspects
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

MOST_SENTENCES = 20
ADVICE = (
    "None of them has power here by its account. Who belongs to the staff is added with `supportdesk user staff add`; "
    "who does not should lose the role in the web application."
)


def tell_of_suspects(services: Services) -> int:
    """Add one alert for the admins about accounts not reported yet; returns how many these are."""
    with transaction(services.engine) as session:
        suspects = find_new_suspects(session)
        if suspects:
            sentences = [one.sentence for one in suspects[:MOST_SENTENCES]]
            if len(suspects) > MOST_SENTENCES:
                sentences.append(f"And {len(suspects) - MOST_SENTENCES} more.")
            title = f"{len(suspects)} account{'' if len(suspects) == 1 else 's'} of the web application to look at"
            add_alert(session, Alert(title, " ".join(sentences), ADVICE, tuple(one.key for one in suspects)))
    return len(suspects)
