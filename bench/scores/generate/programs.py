"""All programs whose answers are generated."""

from bench.scores.generate.clients import CLIENTS
from bench.scores.generate.webmails import WEBMAILS

PROGRAMS = (*CLIENTS, *WEBMAILS)
