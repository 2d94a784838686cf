"""What chargepipe remembers: Django models, migrations, encrypted fields."""
