"""What a user is told: likelihoods of parts and scores, likeness to a class, plots."""
