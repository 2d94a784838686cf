from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('chargepipe_store', '0002_take_back'),
    ]

    operations = [
        migrations.AddField(
            model_name='record',
            name='own_organization',
            field=models.CharField(blank=True, max_length=300),
        ),
    ]
