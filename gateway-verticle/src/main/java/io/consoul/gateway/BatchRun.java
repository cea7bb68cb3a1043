package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.Batch;
import io.consoul.message.BeginTurn;
import io.consoul.message.EndBatch;
import io.consoul.message.Usage;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * One batch on its way: its turns one after the other, or all at once beside the session. It goes on after a turn that
 * failed. Confined to one event loop.
 */
final class BatchRun {

  /** Says something about the session, so the turns after it would only wait for the same answer. */
  private static final Set<Fault> ABOUT_THE_SESSION = Set.of(
      Fault.SESSION_LOCKED,
      Fault.SESSION_NOT_FOUND,
      Fault.SESSION_STORAGE_UNAVAILABLE,
      Fault.MODEL_NOT_AVAILABLE);

  private final Exchange exchange;
  private final BatchRequest request;
  private final TurnPeers peers;
  private final TurnStreams streams;
  private final List<BatchAnswer> answers = new ArrayList<>();
  private final String id;
  private final GatewayMeters meters;
  private final long begun;
  private int left;
  private TurnStream current;
  private boolean gone;

  BatchRun(
      Exchange exchange,
      BatchRequest request,
      TurnPeers peers,
      TurnStreams streams,
      GatewayMeters meters) {
    this.exchange = exchange;
    this.request = request;
    this.peers = peers;
    this.streams = streams;
    this.meters = meters;
    this.begun = exchange.clock().millis();
    this.id = streams.mint(request.session()).value();
    this.left = request.messages().size();
  }

  void start() {
    exchange.observer().asks(request.model());
    for (int i = 0; i < request.messages().size(); i++) {
      answers.add(new BatchAnswer(i, this::answered));
    }
    if (request.sequential()) {
      exchange.onGone(this::clientGone);
      next(0);
    } else {
      List<TurnStream> all = answers.stream().map(this::aside).toList();
      exchange.onGone(() -> all.forEach(TurnStream::detach));
      all.forEach(TurnStream::start);
    }
  }

  private TurnStream aside(BatchAnswer answer) {
    return streams.open(turn(answer).setAside(), answer);
  }

  /** A turn that nobody waits for runs to its end; those after it are not begun. */
  private void clientGone() {
    gone = true;
    current.detach();
    release();
  }

  /** The session is for others again, although the batch has not come to its last turn. */
  private void release() {
    peers.tell(new EndBatch(request.session(), exchange.tenant(), id));
  }

  private void next(int index) {
    BatchAnswer answer = answers.get(index);
    boolean last = index == answers.size() - 1;
    current = streams.open(turn(answer).in(new Batch(id, last)), answer);
    current.start();
  }

  private BeginTurn turn(BatchAnswer answer) {
    return streams.turn(
        request.session(),
        exchange.caller(),
        request.messages().get(answer.index()),
        request.model());
  }

  private void answered(BatchAnswer answer) {
    left--;
    if (request.sequential() && left > 0 && !gone) {
      FaultException failure = answer.failure();
      if (failure != null && ABOUT_THE_SESSION.contains(failure.fault())) {
        answers.subList(answer.index() + 1, answers.size()).forEach(rest -> rest.failed(failure));
        left = 0;
        release();
      } else {
        next(answer.index() + 1);
      }
    }
    if (left == 0 && !gone) {
      count();
      exchange.json(200, body());
    }
  }

  private void count() {
    int failed = (int) answers.stream().filter(each -> each.failure() != null).count();
    meters.batchAnswered(
        request.sequential(),
        answers.size(),
        failed,
        Duration.ofMillis(exchange.clock().millis() - begun));
  }

  private JsonObject body() {
    Usage total = answers.stream().map(BatchAnswer::usage).reduce(Usage.NONE, Usage::plus);
    String model = answers.stream()
        .map(BatchAnswer::model)
        .filter(known -> known != null)
        .findFirst()
        .orElse(request.model());
    exchange.observer().answeredBy(model);
    return new JsonObject()
        .put("session_id", request.session().value())
        .put("responses", new JsonArray(answers.stream().map(BatchAnswer::body).toList()))
        .put("total_usage", total.toJson())
        .put("model", model)
        .put("timestamp", ErrorBody.timestamp(exchange.clock()))
        .put("processing_mode", request.sequential() ? "sequential" : "parallel");
  }
}
