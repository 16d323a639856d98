"""Delays of 2013's flights from New York: a batch program as people write it for PySpark.

    weir run examples/flights/batch.py DATA_FOLDER OUTPUT_FOLDER
"""

import sys

from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StringType

data, out = sys.argv[1:3]

spark = (SparkSession.builder.appName("flights").master("local[*]")
         .config("spark.jars.packages", "org.apache.spark:spark-sql-kafka-0-10_2.13:4.0.0")
         .config("spark.sql.session.timeZone", "America/New_York")
         .getOrCreate())
spark.sparkContext.setLogLevel("ERROR")


def table(name):
    return spark.read.csv(f"{data}/{name}.csv", header=True, inferSchema=True, nullValue="NA")


flights, airlines, planes, weather = (table(n) for n in ("flights", "airlines", "planes", "weather"))
print(f"flights: {flights.count()} rows, {len(flights.columns)} columns")
flights.printSchema()


@F.udf(returnType=StringType())
def season(month):
    return ("winter", "spring", "summer", "autumn")[month % 12 // 3]


joined = (flights.join(airlines.withColumnRenamed("name", "airline"), "carrier")
          .join(planes.select("tailnum", F.col("year").alias("built"), "seats"), "tailnum", "left")
          .join(weather.select("origin", "year", "month", "day", "hour", "wind_speed", "precip", "visib"),
                ["origin", "year", "month", "day", "hour"], "left"))

by_carrier = (joined.where(F.col("dep_delay").isNotNull()).groupBy("airline")
              .agg(F.count("*").alias("flights"), F.round(F.avg("dep_delay"), 2).alias("delay"),
                   F.round(F.avg("seats"), 1).alias("seats"))
              .orderBy(F.desc("flights"), "airline"))
by_carrier.show(16, truncate=False)

by_month = (joined.groupBy("month").agg(F.count("*").alias("flights"),
                                        F.sum(F.col("dep_time").isNull().cast("int")).alias("cancelled"),
                                        F.round(F.avg("dep_delay"), 2).alias("delay"))
            .withColumn("season", season("month")).orderBy("month"))
by_month.show(12)

by_weather = (joined.where("visib is not null and dep_delay is not null")
              .groupBy(F.when(F.col("precip") > 0, "rain").otherwise("dry").alias("sky"),
                       (F.col("wind_speed") > 20).alias("windy"))
              .agg(F.count("*").alias("flights"), F.round(F.avg("dep_delay"), 2).alias("delay"))
              .orderBy("sky", "windy"))
by_weather.show()

joined.write.mode("overwrite").partitionBy("month").parquet(f"{out}/flights")
back = spark.read.parquet(f"{out}/flights")
july = back.where("month = 7")
print(f"written and read back: {back.count()} rows, July {july.count()}")

words = (spark.sparkContext.textFile(f"{data}/airlines.csv")
         .flatMap(lambda line: line.replace(",", " ").split()).map(lambda word: (word, 1))
         .reduceByKey(lambda x, y: x + y).collect())
print("words:", sorted(words, key=lambda pair: (-pair[1], pair[0]))[:3])

(flights.withColumn("scheduled", F.expr("make_timestamp(year, month, day, hour, minute, 0)"))
 .groupBy(F.window("scheduled", "1 hour").alias("w"), "origin")
 .agg(F.count("*").alias("flights"), F.sum(F.coalesce("dep_delay", F.lit(0))).alias("delay"))
 .select(F.unix_timestamp("w.start").alias("start"), "origin", "flights", "delay")
 .write.mode("overwrite").json(f"{out}/windows"))
spark.stop()
