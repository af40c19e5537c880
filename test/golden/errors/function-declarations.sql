-- Everything that a declaration can do wrong.
CREATE FUNCTION lower(x string) RETURNS string AS x;
CREATE FUNCTION count(x string) RETURNS int AS 1;
CREATE FUNCTION twice(x string) RETURNS string AS x || x;
CREATE FUNCTION TWICE(x string) RETURNS string AS x;
CREATE FUNCTION same(x string, x string) RETURNS string AS x;
CREATE FUNCTION typed(x text) RETURNS bool AS x = 'a';
CREATE FUNCTION returns_other(x int) RETURNS bool AS x + 1;
CREATE FUNCTION sees_fields(x string) RETURNS bool AS x = platform;
CREATE FUNCTION sees_details(x string) RETURNS bool AS details.agent = 'a';
CREATE FUNCTION sees_params(x int) RETURNS bool AS x > :least;
CREATE FUNCTION sees_window(x timestamp) RETURNS bool AS x = window_start;
CREATE FUNCTION aggregates(x int) RETURNS int AS sum(x);
CREATE FUNCTION pattern(x string, p string) RETURNS bool AS x ~ p;
CREATE FUNCTION mistyped(x int) RETURNS bool AS x = 'a';
CREATE FUNCTION unused(x int, y int) RETURNS int AS x;
