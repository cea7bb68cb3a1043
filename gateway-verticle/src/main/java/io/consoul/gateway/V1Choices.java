package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.gateway.observe.RequestObserver;
import io.consoul.message.Aside;
import io.consoul.message.Completed;
import io.consoul.message.TurnId;
import io.consoul.message.Usage;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The choices of one answer without a session: as many completions side by side, whatever their provider can do. One that fails
 * fails the answer.
 */
final class V1Choices {

  private final V1Answer answer;
  private final RequestObserver observer;
  private final List<CompletionStream> streams;
  private Usage usage = Usage.NONE;
  private int finished;
  private boolean over;

  V1Choices(
      CompletionOrder order,
      int n,
      V1Answer answer,
      RequestObserver observer,
      TurnPeers peers,
      TurnStreams streams) {
    this.answer = answer;
    this.observer = observer;
    this.streams = IntStream.range(0, n)
        .mapToObj(i -> new CompletionStream(order, new Choice(i), peers, streams))
        .toList();
  }

  void start() {
    for (CompletionStream stream : streams) {
      if (!over) {
        stream.start();
      }
    }
  }

  void writable() {
    streams.forEach(CompletionStream::writable);
  }

  /** The client is gone: what it asked for has no purpose any more. */
  void leave() {
    over = true;
    streams.forEach(CompletionStream::leave);
  }

  /** The client may not have the rest of the answer, and is told why. */
  void refuse(FaultException refusal) {
    if (!over) {
      leave();
      answer.failed(refusal);
    }
  }

  /** Without a session the request is the caller's alone, and what a provider does not take of it is its caller's to mend. */
  private static FaultException inCallersWords(FaultException failure) {
    boolean refused = failure.fault() == Fault.MODEL_CONFIG_ERROR
        && failure.details() != null
        && failure.details().containsKey(Fault.REFUSED_BY_PROVIDER);
    return refused ? Fault.FIELD_VALIDATION_FAILED.because(failure.getMessage()) : failure;
  }

  private final class Choice implements CompletionSink {

    private final int index;

    private Choice(int index) {
      this.index = index;
    }

    @Override
    public boolean isWritable() {
      return answer.isWritable();
    }

    @Override
    public void begun(TurnId turn, String model) {
      answer.begun(turn, model);
    }

    @Override
    public void text(String piece) {
      answer.text(index, piece);
    }

    @Override
    public void aside(Aside aside) {
      answer.aside(index, aside);
    }

    @Override
    public void completed(Completed completed) {
      observer.answered(completed);
      answer.begun(completed.turn(), completed.model());
      answer.finished(
          index,
          completed.finishReason(),
          RescueMark.on(new JsonObject().put("provider", completed.provider()), completed));
      usage = usage.plus(completed.usage());
      if (++finished == streams.size()) {
        over = true;
        answer.completed(usage);
      }
    }

    @Override
    public void failed(FaultException failure) {
      refuse(inCallersWords(failure));
    }
  }
}
