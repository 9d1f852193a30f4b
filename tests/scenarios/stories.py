"""All scenarios: importing this fills the table."""
import stories_restart
import stories_time
import stories_wire
import estate
import stories_hostile
