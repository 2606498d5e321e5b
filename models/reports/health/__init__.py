"""How the desk is: the beats of its processes, certificates, alarms, and all that its health is judged from."""
