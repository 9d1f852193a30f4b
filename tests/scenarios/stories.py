"""All scenarios: importing this fills the table."""
import stories_restart
import stories_time
import stories_wire
import stories_mail
import estate
import stories_hostile
