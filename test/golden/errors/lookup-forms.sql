CREATE LOOKUP owners FROM 'people.csv';
CREATE LOOKUP vips AS SELECT account_id FROM events;
CREATE LOOKUP nets (net cidr PRIMARY KEY reason string) WITH (source = 'nets.csv');
CREATE STREAM events (
  account_id string
  shop.basket string
);
