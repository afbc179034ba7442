"""Who stands in for whom, from one day to another, without circles."""
