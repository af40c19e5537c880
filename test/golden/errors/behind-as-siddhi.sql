CREATE RULE r SEVERITY low AS
from StockStream#window.time(1 min) select symbol, count() as n group by symbol having n > 5 insert into Alerts;
