package io.consoul.provider.call;

import static org.awaitility.Awaitility.await;

import io.consoul.node.Node;
import io.consoul.provider.BaseUrl;
import io.consoul.provider.Model;
import io.consoul.provider.Prices;
import io.consoul.provider.Upstream;
import io.consoul.provider.openai.OpenAiFormat;
import io.consoul.provider.wire.WireFormat;
import io.micrometer.core.instrument.Gauge;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** A node for the calls of a test: settings are generous until the test takes others. */
final class CallStage implements AutoCloseable {

  private static final Duration LONG = Duration.ofSeconds(30);

  final Vertx vertx = Vertx.vertx();
  final Node node = Answer.await(Node.join(vertx));
  private final String baseUrl;
  private Upstream.Times times = new Upstream.Times(LONG, LONG, LONG, LONG);
  private Upstream.Pool pool = new Upstream.Pool(10, 10, 10, LONG, Upstream.Pool.Protocol.HTTP_1);
  private boolean trustAll;
  private WireFormat format = new OpenAiFormat(false);
  private Grace grace = new Grace(LONG, LONG, LONG);
  private final AtomicLong passed = new AtomicLong();
  private LongSupplier clock = System::nanoTime;

  CallStage(String origin) {
    this.baseUrl = origin + "/v1";
  }

  CallStage(int port) {
    this("http://127.0.0.1:" + port);
  }

  CallStage connect(Duration limit) {
    times = new Upstream.Times(limit, times.firstByte(), times.silence(), times.call());
    return this;
  }

  CallStage firstByte(Duration limit) {
    times = new Upstream.Times(times.connect(), limit, times.silence(), times.call());
    return this;
  }

  CallStage silence(Duration limit) {
    times = new Upstream.Times(times.connect(), times.firstByte(), limit, times.call());
    return this;
  }

  CallStage whole(Duration limit) {
    times = new Upstream.Times(times.connect(), times.firstByte(), times.silence(), limit);
    return this;
  }

  CallStage slots(int max, int waiting) {
    pool = new Upstream.Pool(max, waiting, pool.maxIdle(), pool.keepAlive(), pool.protocol());
    return this;
  }

  CallStage idle(int max, Duration keepAlive) {
    pool = new Upstream.Pool(
        pool.maxConnections(), pool.maxWaiting(), max, keepAlive, pool.protocol());
    return this;
  }

  CallStage http2() {
    pool = new Upstream.Pool(
        pool.maxConnections(),
        pool.maxWaiting(),
        pool.maxIdle(),
        pool.keepAlive(),
        Upstream.Pool.Protocol.HTTP_2);
    return this;
  }

  CallStage grace(Duration error, Duration end, Duration pong) {
    grace = new Grace(error, end, pong);
    return this;
  }

  CallStage format(WireFormat other) {
    format = other;
    return this;
  }

  /** From now on time stands still for the limits of calls, until it is made to {@link #pass}. */
  CallStage timeByHand() {
    clock = passed::get;
    return this;
  }

  /** So much time passes, less than a second, and the limits of this instance's calls are looked at. */
  void pass(Instance instance, Duration time) {
    passed.addAndGet(time.toNanos());
    instance.tick();
  }

  CallStage trustAll() {
    trustAll = true;
    return this;
  }

  Instance instance() {
    Upstream upstream = new Upstream(
        "p",
        Upstream.Dialect.OPENAI,
        BaseUrl.parse(baseUrl).orElseThrow(),
        null,
        times,
        pool,
        false,
        List.of(new Model("m", null, Prices.NONE, null)),
        null,
        List.of());
    HttpClientOptions options = HttpSettings.client(upstream);
    if (trustAll) {
      options.setTrustAll(true).setVerifyHost(false);
    }
    return Instance.start(vertx, upstream, format, options, grace, node, clock);
  }

  int max() {
    return pool.maxConnections();
  }

  /** The gauge of the connections of this name; absent is -1. */
  int gauge(String what) {
    Gauge gauge = node.meters()
        .find("consoul_provider_connections_" + what)
        .tag("provider", "p")
        .gauge();
    return gauge == null ? -1 : (int) gauge.value();
  }

  /** Waits until no call is under way and no time limit runs, as it must be when all calls have ended. */
  void awaitNothingLeft(Instance instance) {
    await()
        .pollInterval(Duration.ofMillis(5))
        .until(() -> gauge("in_use") == 0 && gauge("waiting") == 0 && instance.watches() == 0);
  }

  @Override
  public void close() {
    Answer.await(vertx.close());
  }
}
