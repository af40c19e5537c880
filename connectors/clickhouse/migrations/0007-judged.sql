-- How far the log was judged when the store had caught up with it: what is accepted before this stream time is here with
-- its verdict, so that a backtest can ask for a part of the history. NULL: not known (a Weir of before wrote it).
ALTER TABLE caught_up ADD COLUMN IF NOT EXISTS watermark_ms Nullable(Int64);
