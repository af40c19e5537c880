index=web sourcetype=access_combined earliest=-1d
| transaction user maxpause=30m maxspan=8h
| eval long=if(duration>3600, "yes", "no")
| where eventcount > 100
