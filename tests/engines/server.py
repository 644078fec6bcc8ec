"""Serve Spark Connect until standard input ends.

    python server.py sail
    python server.py 'local-cluster[2,1,1024]'

`sail` is an engine that speaks Spark, anything else a master of Spark itself, which needs Java. Prints the address.
"""

import os
import socket
import sys


def main(engine: str) -> None:
    if engine == "sail":
        from pysail.spark import SparkConnectServer

        server = SparkConnectServer("127.0.0.1", 0)
        server.start(background=True)
        port = server.listening_address[1]
    else:
        from pyspark.sql import SparkSession

        os.environ.pop("SPARK_REMOTE", None)
        port = free_port()
        settings = {
            "spark.plugins": "org.apache.spark.sql.connect.SparkConnectPlugin",
            "spark.connect.grpc.binding.port": str(port),
            "spark.ui.enabled": "false",
            "spark.sql.shuffle.partitions": "4",
        }
        server = SparkSession.builder.master(engine).config(map=settings).getOrCreate()
    print(f"sc://127.0.0.1:{port}", flush=True)
    sys.stdin.read()
    del server  # it serves as long as somebody holds it


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    main(sys.argv[1])
