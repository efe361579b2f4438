"""What holds for every test: examples may take as long as a busy machine needs."""

from hypothesis import settings

settings.register_profile("liftgate", deadline=None)
settings.load_profile("liftgate")
