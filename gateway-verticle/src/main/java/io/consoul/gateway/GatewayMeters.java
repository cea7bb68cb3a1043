package io.consoul.gateway;

import io.consoul.node.Node;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * What the gateway instances of this node have open and have done, in numbers that are there from the start. Each instance
 * has one; they count in the same meters.
 */
final class GatewayMeters {

  private static final Duration[] BUCKETS = DoubleStream.of(
          .01, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60)
      .mapToObj(seconds -> Duration.ofMillis((long) (seconds * 1_000)))
      .toArray(Duration[]::new);

  /** The batches of one processing mode. */
  private static final class Batches {

    private final Counter success;
    private final Counter partialFailure;
    private final Counter failure;
    private final Counter messagesDone;
    private final Counter messagesFailed;
    private final Timer latency;

    Batches(String mode, MeterRegistry meters) {
      success = requests(mode, "success", meters);
      partialFailure = requests(mode, "partial_failure", meters);
      failure = requests(mode, "failure", meters);
      messagesDone = messages(mode, "success", meters);
      messagesFailed = messages(mode, "failed", meters);
      latency = Timer.builder("consoul_batch_latency")
          .description("From a batch as it was read to its answer")
          .tag("processing_mode", mode)
          .serviceLevelObjectives(BUCKETS)
          .register(meters);
    }

    void answered(int messages, int failed, Duration took) {
      Counter result = failed == 0 ? success : failed < messages ? partialFailure : failure;
      result.increment();
      messagesDone.increment(messages - failed);
      messagesFailed.increment(failed);
      latency.record(took);
    }

    private static Counter requests(String mode, String status, MeterRegistry meters) {
      return Counter.builder("consoul_batch_request")
          .description("Batches that were answered")
          .tag("processing_mode", mode)
          .tag("status", status)
          .register(meters);
    }

    private static Counter messages(String mode, String status, MeterRegistry meters) {
      return Counter.builder("consoul_batch_message")
          .description("Messages of the batches that were answered")
          .tag("processing_mode", mode)
          .tag("status", status)
          .register(meters);
    }
  }

  private final Counter slowClients;
  private final DistributionSummary batchSize;
  private final Batches sequential;
  private final Batches parallel;

  GatewayMeters(Node node, Edge edge) {
    MeterRegistry meters = node.meters();
    node.gauge(
        "consoul_websocket_connections", "Open WebSockets of this node", edge, Edge::sockets);
    node.gauge(
        "consoul_sse_connections",
        "Streams of server-sent events of this node",
        edge,
        Edge::streams);
    slowClients = Counter.builder("consoul_slow_clients")
        .description("Clients that were cut off because they did not take what waited for them")
        .register(meters);
    batchSize = DistributionSummary.builder("consoul_batch_size")
        .description("Messages in a batch that was answered")
        .serviceLevelObjectives(
            IntStream.rangeClosed(1, BatchRequest.MAX_MESSAGES).asDoubleStream().toArray())
        .register(meters);
    sequential = new Batches("sequential", meters);
    parallel = new Batches("parallel", meters);
  }

  /** A client was cut off because it did not take what waited for it. */
  void slowClient() {
    slowClients.increment();
  }

  /** @param failed how many of the messages have no answer */
  void batchAnswered(boolean inOrder, int messages, int failed, Duration took) {
    batchSize.record(messages);
    (inOrder ? sequential : parallel).answered(messages, failed, took);
  }
}
