"""From one run to a study: scenarios x design points x posterior draws x seeds."""
