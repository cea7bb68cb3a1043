package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.BusCodec;
import io.consoul.message.CompleteChat;
import io.consoul.message.Kind;
import java.util.ArrayList;
import java.util.List;

/**
 * One completion without a session, as one client follows it. A provider instance that is lost is replaced by another one, which
 * goes on from what the client has; not where that is more than text. It ends when its client leaves.
 */
final class CompletionStream {

  private static final int MAX_ATTEMPTS = 3;

  private final CompletionOrder order;
  private final CompletionSink sink;
  private final TurnPeers peers;
  private final TurnStreams streams;
  private final List<String> tried = new ArrayList<>();

  /** What the client has of the answer: providers limit its size. */
  private final StringBuilder said = new StringBuilder();

  private CompletionAttempt attempt;

  CompletionStream(
      CompletionOrder order, CompletionSink sink, TurnPeers peers, TurnStreams streams) {
    this.order = order;
    this.sink = sink;
    this.peers = peers;
    this.streams = streams;
  }

  /** Asks a provider. The sink may be called before this returns. */
  void start() {
    ask(TurnPeers.noProvider());
  }

  /** The sink takes more. */
  void writable() {
    if (attempt != null) {
      attempt.writable();
    }
  }

  /** Nobody wants the answer any more. */
  void leave() {
    if (attempt != null) {
      attempt.leave();
    }
  }

  /** @param otherwise what the client is told when there is nobody left to ask */
  private void ask(FaultException otherwise) {
    peers
        .node()
        .directory()
        .pickOther(Kind.PROVIDER, tried, said.isEmpty() ? 1 : BusCodec.RESUMING)
        .filter(found -> tried.size() < MAX_ATTEMPTS)
        .ifPresentOrElse(
            instance -> {
              tried.add(instance.inbox());
              // Under a name of its own, so that what a lost one still says is nobody's.
              CompleteChat chat = order.named(
                  streams.mint(CompleteChat.NO_SESSION), streams.nextListener(), said.toString());
              attempt = new CompletionAttempt(
                  chat, instance.inbox(), said, sink, peers, streams, this::lost);
              attempt.start();
            },
            () -> sink.failed(otherwise));
  }

  private void lost(FaultException failure) {
    boolean mayBeTaken =
        failure.fault() == Fault.LLM_UNAVAILABLE || failure.fault() == Fault.SERVER_BUSY;
    if (mayBeTaken && attempt.mayBeReplaced()) {
      ask(failure);
    } else {
      sink.failed(failure);
    }
  }
}
