"""The Spark Connect server with an unmodified PySpark client, and call by call where the client
would not show what is wrong."""
import datetime
import decimal
import subprocess
import threading
import time
import uuid
import zlib

import grpc
import pyspark.sql.connect.proto as pb
import pytest
from conftest import BUILD
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from pyspark.errors import (AnalysisException, ArithmeticException, ParseException,
                            SparkNoSuchElementException, UnsupportedOperationException)
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql.connect.proto.base_pb2_grpc import SparkConnectServiceStub


def start_server(folder, *args):
    server = subprocess.Popen([BUILD / "test/connect/connect_server", folder, *args],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    return server, server.stdout.readline().decode().strip()


def stop_server(server):
    server.stdin.close()
    try:
        assert server.wait(timeout=30) == 0
    finally:
        server.kill()
        server.wait()


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    server, at = start_server(tmp_path_factory.mktemp("data"))
    yield at
    stop_server(server)


@pytest.fixture(scope="module")
def spark(address):
    session = SparkSession.builder.remote(f"sc://{address}").create()
    yield session
    session.stop()


class Raw:
    """One session, spoken to with bare messages."""

    def __init__(self, address):
        self.channel = grpc.insecure_channel(address)
        self.stub = SparkConnectServiceStub(self.channel)
        self.id = str(uuid.uuid4())

    def request(self, kind, **fields):
        return kind(session_id=self.id, user_context=pb.UserContext(user_id="raw"), **fields)

    def execute(self, plan, reattachable=True, operation=None, tags=()):
        q = self.request(pb.ExecutePlanRequest, plan=plan, tags=tags,
                         operation_id=operation or str(uuid.uuid4()))
        q.request_options.add().reattach_options.reattachable = reattachable
        return self.stub.ExecutePlan(q, timeout=60)


@pytest.fixture
def raw(address):
    r = Raw(address)
    yield r
    r.channel.close()


def range_plan(end, start=0):
    plan = pb.Plan()
    plan.root.common.plan_id = 1
    plan.root.range.start = start
    plan.root.range.end = end
    plan.root.range.step = 1
    return plan


def endless_plan():
    """A sum over so many rows that it ends only when somebody ends it."""
    plan = pb.Plan()
    aggregate = plan.root.aggregate
    aggregate.input.CopyFrom(range_plan(1 << 40).root)
    aggregate.group_type = pb.Aggregate.GROUP_TYPE_GROUPBY
    call = aggregate.aggregate_expressions.add().unresolved_function
    call.function_name = "max"
    call.arguments.add().unresolved_attribute.unparsed_identifier = "id"
    return plan


def condition_of(error):
    status = rpc_status.from_call(error)
    info = error_details_pb2.ErrorInfo()
    assert status.details[0].Unpack(info)
    return info.metadata.get("errorClass")


def test_version_and_configs(spark):
    assert spark.version == "4.3.0"
    assert spark.conf.get("spark.sql.shuffle.partitions") == "200"
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    assert spark.conf.get("spark.sql.session.timeZone") == "UTC"
    spark.conf.unset("spark.sql.session.timeZone")
    assert spark.conf.get("spark.not.there", "mine") == "mine"
    assert spark.conf.isModifiable("spark.sql.ansi.enabled")
    assert not spark.conf.isModifiable("spark.sql.warehouse.dir")


def test_config_errors_are_of_sparks_classes(spark):
    with pytest.raises(SparkNoSuchElementException) as e:
        spark.conf.get("spark.not.there")
    assert e.value.getCondition() == "SQL_CONF_NOT_FOUND"
    with pytest.raises(AnalysisException) as e:
        spark.conf.set("spark.sql.warehouse.dir", "x")
    assert e.value.getCondition() == "CANNOT_MODIFY_STATIC_CONFIG"


def test_rows_come_back(spark):
    assert [r.id for r in spark.range(5).collect()] == [0, 1, 2, 3, 4]
    assert spark.range(0).collect() == []
    assert spark.range(3).toArrow().num_rows == 3
    rows = spark.range(10).groupBy((F.col("id") % 3).alias("k")).agg(F.sum("id").alias("s"))
    assert [tuple(r) for r in rows.orderBy("k").collect()] == [(0, 18), (1, 12), (2, 15)]


def test_a_large_result_arrives_whole(spark):
    ids = spark.range(3_000_000).toArrow().column("id")
    assert len(ids) == 3_000_000
    assert ids[2_999_999].as_py() == 2_999_999


def test_local_rows(spark):
    frame = spark.createDataFrame([(1, "a"), (2, None)], "id int, name string")
    assert [tuple(r) for r in frame.collect()] == [(1, "a"), (2, None)]
    assert frame.schema.simpleString() == "struct<id:int,name:string>"


def test_literals_keep_their_types(spark):
    row = spark.range(1).select(
        F.lit(datetime.date(2020, 1, 2)), F.lit(decimal.Decimal("12.34")), F.lit(1.5),
        F.lit("grüß"), F.lit(True), F.lit(None), F.lit(datetime.timedelta(days=1))).first()
    assert tuple(row) == (datetime.date(2020, 1, 2), decimal.Decimal("12.34"), 1.5, "grüß", True,
                          None, datetime.timedelta(days=1))


def test_show_prints_sparks_table(spark, capsys):
    spark.createDataFrame([(1, "a"), (22, None)], ["id", "name"]).show()
    assert capsys.readouterr().out == ("+---+----+\n| id|name|\n+---+----+\n|  1|   a|\n"
                                       "| 22|NULL|\n+---+----+\n\n")


def test_schema_and_explain(spark, capsys):
    spark.range(3).printSchema()
    assert capsys.readouterr().out == "root\n |-- id: long (nullable = false)\n\n"
    spark.range(3).explain()
    assert "Range" in capsys.readouterr().out


def test_a_view_is_a_plan_under_a_name(spark):
    spark.range(3).createOrReplaceTempView("three")
    assert spark.table("three").count() == 3
    with pytest.raises(AnalysisException) as e:
        spark.range(3).createTempView("three")
    assert e.value.getCondition() == "TEMP_TABLE_OR_VIEW_ALREADY_EXISTS"


def test_execution_errors_are_of_sparks_classes(spark):
    with pytest.raises(ArithmeticException) as e:
        spark.range(3).select(F.lit(1) / F.col("id")).collect()
    assert e.value.getCondition() == "DIVIDE_BY_ZERO"
    assert e.value.getSqlState() == "22012"
    with pytest.raises(AnalysisException) as e:
        spark.range(3).select("nope").collect()
    assert e.value.getCondition() == "UNRESOLVED_COLUMN.WITH_SUGGESTION"
    assert e.value.getMessageParameters()["objectName"] == "`nope`"


def test_what_is_not_there_is_named(spark):
    with pytest.raises(UnsupportedOperationException, match="transpose"):
        spark.range(3).transpose().collect()


def test_pivot_finds_its_values(spark):
    frame = spark.createDataFrame([(1, "b"), (1, "a"), (2, "b")], "x int, y string")
    pivoted = frame.groupBy("x").pivot("y").count().orderBy("x")
    assert pivoted.columns == ["x", "a", "b"]
    assert [tuple(r) for r in pivoted.collect()] == [(1, 1, 1), (2, None, 1)]


def test_statements_act_and_queries_wait(spark):
    assert spark.sql("SELECT :n + 1 AS x", {"n": 4}).collect()[0].x == 5
    spark.sql("CREATE TABLE wire_t (a INT, b STRING) USING parquet")
    spark.sql("INSERT INTO wire_t VALUES (1, 'x'), (2, 'y')")
    assert spark.table("wire_t").count() == 2
    assert [r.tableName for r in spark.sql("SHOW TABLES").collect()].count("wire_t") == 1
    spark.sql("DROP TABLE wire_t")
    with pytest.raises(AnalysisException) as e:
        spark.sql("SELECT * FROM wire_t")
    assert e.value.getCondition() == "TABLE_OR_VIEW_NOT_FOUND"
    with pytest.raises(ParseException) as e:
        spark.sql("SELEC 1")
    assert e.value.getCondition() == "PARSE_SYNTAX_ERROR"


def test_a_checkpoint_can_be_read_again(spark):
    kept = spark.range(3).localCheckpoint()
    assert [r.id for r in kept.collect()] == [0, 1, 2]


def test_artifacts(spark, tmp_path):
    module = tmp_path / "wire_module.py"
    module.write_text("x = 1\n")
    spark.addArtifacts(str(module), pyfile=True)
    spark.addArtifacts(str(module), pyfile=True)  # the same again is no error
    big = tmp_path / "big.bin"
    big.write_bytes(b"weir" * 300_000)  # in pieces
    spark.addArtifacts(str(big), file=True)


def test_artifact_with_a_wrong_crc_is_not_stored(raw):
    q = raw.request(pb.AddArtifactsRequest)
    for name, crc in (("files/good", zlib.crc32(b"abc")), ("files/bad", 1)):
        a = q.batch.artifacts.add(name=name)
        a.data.data, a.data.crc = b"abc", crc
    answer = raw.stub.AddArtifacts(iter([q]))
    assert [(a.name, a.is_crc_successful) for a in answer.artifacts] == [("files/good", True),
                                                                        ("files/bad", False)]
    status = raw.stub.ArtifactStatus(
        raw.request(pb.ArtifactStatusesRequest, names=["files/good", "files/bad"]))
    assert status.statuses["files/good"].exists and not status.statuses["files/bad"].exists


def test_interrupt_by_tag_ends_a_running_query(spark):
    failures = []

    def work():
        spark.addTag("endless")
        try:
            spark.range(1 << 40).agg(F.max("id")).collect()
        except Exception as e:  # noqa: BLE001
            failures.append(e)

    thread = threading.Thread(target=work)
    thread.start()
    deadline = time.monotonic() + 30
    while not spark.interruptTag("endless"):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    thread.join(timeout=30)
    assert not thread.is_alive()
    assert "OPERATION_CANCELED" in str(failures[0])


def test_a_broken_stream_is_taken_up_where_it_broke(raw):
    operation = str(uuid.uuid4())
    whole = list(raw.execute(range_plan(2_000_000), operation=operation))
    assert whole[-1].HasField("result_complete")
    again = list(raw.stub.ReattachExecute(raw.request(
        pb.ReattachExecuteRequest, operation_id=operation,
        last_response_id=whole[0].response_id), timeout=30))
    assert [r.response_id for r in again] == [r.response_id for r in whole[1:]]
    replay = list(raw.execute(range_plan(2_000_000), operation=operation))
    assert [r.response_id for r in replay] == [r.response_id for r in whole]


def test_released_responses_cannot_be_asked_for_again(raw):
    operation = str(uuid.uuid4())
    whole = list(raw.execute(range_plan(10), operation=operation))
    released = raw.request(pb.ReleaseExecuteRequest, operation_id=operation)
    released.release_until.response_id = whole[0].response_id
    assert raw.stub.ReleaseExecute(released).operation_id == operation
    with pytest.raises(grpc.RpcError) as e:
        list(raw.stub.ReattachExecute(raw.request(pb.ReattachExecuteRequest,
                                                  operation_id=operation)))
    assert condition_of(e.value) == "INVALID_CURSOR.POSITION_NOT_AVAILABLE"
    everything = raw.request(pb.ReleaseExecuteRequest, operation_id=operation)
    everything.release_all.SetInParent()
    raw.stub.ReleaseExecute(everything)
    assert not raw.stub.ReleaseExecute(everything).operation_id
    with pytest.raises(grpc.RpcError) as e:
        list(raw.execute(range_plan(10), operation=operation))
    assert condition_of(e.value) == "INVALID_HANDLE.OPERATION_ABANDONED"
    with pytest.raises(grpc.RpcError) as e:
        list(raw.stub.ReattachExecute(raw.request(pb.ReattachExecuteRequest,
                                                  operation_id=operation)))
    assert condition_of(e.value) == "INVALID_HANDLE.OPERATION_NOT_FOUND"


def test_a_second_attach_takes_the_stream_over(raw):
    operation = str(uuid.uuid4())
    first = raw.execute(endless_plan(), operation=operation)
    running = pb.GetStatusResponse.OperationStatus.OPERATION_STATE_RUNNING
    deadline = time.monotonic() + 30
    while True:  # two calls on one connection may overtake each other: the operation must be there first
        status = raw.request(pb.GetStatusRequest)
        status.operation_status.operation_ids.append(operation)
        states = raw.stub.GetStatus(status).operation_statuses
        if states and states[0].state == running:
            break
        assert time.monotonic() < deadline
    second = raw.stub.ReattachExecute(raw.request(pb.ReattachExecuteRequest, operation_id=operation))
    with pytest.raises(grpc.RpcError) as e:
        list(first)
    assert condition_of(e.value) == "INVALID_CURSOR.DISCONNECTED"
    status = raw.request(pb.GetStatusRequest)
    status.operation_status.operation_ids.append(operation)
    states = raw.stub.GetStatus(status).operation_statuses
    assert states[0].state == pb.GetStatusResponse.OperationStatus.OPERATION_STATE_RUNNING
    stop = raw.request(pb.InterruptRequest, operation_id=operation,
                       interrupt_type=pb.InterruptRequest.INTERRUPT_TYPE_OPERATION_ID)
    assert raw.stub.Interrupt(stop).interrupted_ids == [operation]
    with pytest.raises(grpc.RpcError) as e:
        list(second)
    assert condition_of(e.value) == "OPERATION_CANCELED"


@pytest.mark.parametrize("session, operation", [("not a uuid", str(uuid.uuid4())),
                                                (str(uuid.uuid4()), "not a uuid")])
def test_ids_must_be_uuids(raw, session, operation):
    raw.id = session
    with pytest.raises(grpc.RpcError) as e:
        list(raw.execute(range_plan(1), operation=operation))
    assert condition_of(e.value) == "INVALID_HANDLE.FORMAT"


def test_a_plan_without_a_member_is_refused(raw):
    for plan, name in ((pb.Plan(), "spark.connect.Plan"),
                       (pb.Plan(root=pb.Relation()), "spark.connect.Relation")):
        with pytest.raises(grpc.RpcError) as e:
            list(raw.execute(plan))
        assert condition_of(e.value) == "CONNECT_INVALID_PLAN.INVALID_ONE_OF_FIELD_NOT_SET"
        assert name in e.value.details()


def test_another_server_life_is_told(raw):
    q = raw.request(pb.ConfigRequest, client_observed_server_side_session_id=str(uuid.uuid4()))
    q.operation.get_all.SetInParent()
    with pytest.raises(grpc.RpcError) as e:
        raw.stub.Config(q)
    assert condition_of(e.value) == "INVALID_HANDLE.SESSION_CHANGED"


def test_a_released_session_is_closed(raw):
    list(raw.execute(range_plan(1)))
    first = raw.stub.ReleaseSession(raw.request(pb.ReleaseSessionRequest))
    assert first.server_side_session_id
    assert not raw.stub.ReleaseSession(
        raw.request(pb.ReleaseSessionRequest)).server_side_session_id
    with pytest.raises(grpc.RpcError) as e:
        list(raw.execute(range_plan(1)))
    assert condition_of(e.value) == "INVALID_HANDLE.SESSION_CLOSED"


def test_a_session_may_come_back_when_it_said_so(raw):
    first = list(raw.execute(range_plan(1)))[0].server_side_session_id
    raw.stub.ReleaseSession(raw.request(pb.ReleaseSessionRequest, allow_reconnect=True))
    assert list(raw.execute(range_plan(1)))[0].server_side_session_id != first


def test_a_clone_has_the_settings_and_views(raw):
    q = raw.request(pb.ConfigRequest)
    q.operation.set.pairs.add(key="spark.sql.ansi.enabled", value="false")
    raw.stub.Config(q)
    made = raw.stub.CloneSession(raw.request(pb.CloneSessionRequest))
    raw.id = made.new_session_id
    q = raw.request(pb.ConfigRequest)
    q.operation.get.keys.append("spark.sql.ansi.enabled")
    assert raw.stub.Config(q).pairs[0].value == "false"


def test_error_details_can_be_fetched(raw):
    with pytest.raises(grpc.RpcError) as e:
        list(raw.execute(pb.Plan(root=pb.Relation())))
    info = error_details_pb2.ErrorInfo()
    rpc_status.from_call(e.value).details[0].Unpack(info)
    details = raw.stub.FetchErrorDetails(raw.request(pb.FetchErrorDetailsRequest,
                                                     error_id=info.metadata["errorId"]))
    assert details.root_error_idx == 0
    assert details.errors[0].spark_throwable.sql_state == "56K00"
    unknown = raw.stub.FetchErrorDetails(raw.request(pb.FetchErrorDetailsRequest,
                                                     error_id=str(uuid.uuid4())))
    assert not unknown.HasField("root_error_idx")


def test_batches_are_cut_where_the_client_wants_small_pieces(raw):
    q = raw.request(pb.ExecutePlanRequest, plan=range_plan(100_000),
                    operation_id=str(uuid.uuid4()))
    options = q.request_options.add().result_chunking_options
    options.allow_arrow_batch_chunking = True
    options.preferred_arrow_chunk_size = 20_000
    pieces = [r.arrow_batch for r in raw.stub.ExecutePlan(q) if r.HasField("arrow_batch")]
    first = [p for p in pieces if p.start_offset == 0]
    assert len(first) == first[0].num_chunks_in_batch > 1
    assert [p.chunk_index for p in first] == list(range(len(first)))
    assert all(len(p.data) <= 20_000 for p in pieces)
    assert b"".join(p.data for p in first).endswith(b"\xff\xff\xff\xff\0\0\0\0")


def varint(n):
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def test_a_deep_plan_is_refused_and_harms_nobody(raw):
    relation = b""
    for _ in range(20_000):  # Relation{limit: Limit{input: ...}}
        limit = b"\x0a" + varint(len(relation)) + relation
        relation = b"\x42" + varint(len(limit)) + limit
    plan = b"\x0a" + varint(len(relation)) + relation
    request = raw.request(pb.ExecutePlanRequest, operation_id=str(uuid.uuid4()))
    call = raw.channel.unary_stream("/spark.connect.SparkConnectService/ExecutePlan")
    with pytest.raises(grpc.RpcError, match="too deep"):
        list(call(request.SerializeToString() + b"\x1a" + varint(len(plan)) + plan, timeout=30))
    assert list(raw.execute(range_plan(1)))[-1].HasField("result_complete")


def test_a_token_is_asked_for(tmp_path):
    server, at = start_server(tmp_path, "secret")
    try:
        local = at.replace("127.0.0.1", "localhost")  # anywhere else a token means TLS
        good = SparkSession.builder.remote(f"sc://{local}/;token=secret").create()
        assert good.range(1).count() == 1
        good.stop()
        raw = Raw(at)
        with pytest.raises(grpc.RpcError) as e:
            list(raw.execute(range_plan(1)))
        assert e.value.code() == grpc.StatusCode.UNAUTHENTICATED
    finally:
        stop_server(server)


def test_unknown_methods_are_unimplemented(raw):
    call = raw.channel.unary_unary("/spark.connect.SparkConnectService/Nothing")
    with pytest.raises(grpc.RpcError) as e:
        call(b"", timeout=10)
    assert e.value.code() == grpc.StatusCode.UNIMPLEMENTED


def test_a_failing_value_shows_its_place_in_the_text(spark):
    for limit in ("0", "1048576"):
        spark.conf.set("spark.weir.localInputBytes", limit)
        with pytest.raises(ArithmeticException) as e:
            spark.sql("SELECT id,\n  id / 0 AS x FROM range(3)").collect()
        assert str(e.value).rstrip().endswith("SQLSTATE: 22012\n== SQL (line 2, position 3) ==\n"
                                              "  id / 0 AS x FROM range(3)\n  ^^^^^^")
        assert e.value.getQueryContext()[0].fragment() == "id / 0"
    spark.conf.unset("spark.weir.localInputBytes")


def test_a_failing_value_shows_its_place_in_the_program(spark):
    with pytest.raises(ArithmeticException) as e:
        spark.range(3).select(F.col("id") / 0).collect()
    assert '== DataFrame ==\n"__truediv__" was called from\n' in str(e.value)
    assert __file__ in e.value.getQueryContext()[0].callSite()


def test_a_name_that_is_not_there_shows_line_and_position(spark):
    with pytest.raises(AnalysisException, match=r"SQLSTATE: 42703; line 2 pos 2$"):
        spark.sql("SELECT\n  nope FROM range(3)").collect()


def test_a_column_of_another_frame_is_refused(spark):
    one, other = spark.range(3), spark.range(4)
    with pytest.raises(AnalysisException, match="CANNOT_RESOLVE_DATAFRAME_COLUMN"):
        one.filter(one.id > other.id).collect()
