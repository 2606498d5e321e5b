"""What an operator asks for: doctor, migrations, quarantine, forgetting."""
