"""The engine, the base class, prepared statements and claims; no table of ours."""
