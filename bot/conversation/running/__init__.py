"""What every process needs to run: bells, crews, holds, patience, the keeper of time, the watchdog."""
