CREATE FUNCTION again(x int) RETURNS int AS again(x - 1) + 1;
CREATE FUNCTION even(x int) RETURNS bool AS x = 0 OR odd(x - 1);
CREATE FUNCTION odd(x int) RETURNS bool AS x = 1 OR even(x - 1);

-- What calls a function that is wrong is not told so once more.
CREATE RULE r AS
SELECT account_id FROM events WHERE even(net.asn);
