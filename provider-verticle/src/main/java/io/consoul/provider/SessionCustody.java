package io.consoul.provider;

import io.consoul.fault.FaultException;
import io.consoul.message.AnswerTurn;
import io.consoul.message.FinishReason;
import io.consoul.message.Resumption;
import io.consoul.message.Sealed;
import io.consoul.message.Usage;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;

/** The answer is a session's: journalled while it is given, sealed at its end, all under the turn's lease. */
final class SessionCustody implements Custody {

  private final SessionLink link;
  private final LeaseKeeper lease;
  private final Duration resumeWindow;
  private final Duration sealPatience;

  /** @param onLost called once, with the session's reason */
  SessionCustody(Workbench bench, AnswerTurn order, Consumer<Throwable> onLost) {
    ProviderConfig.Pace pace = bench.config().pace();
    this.link = new SessionLink(bench, order);
    Resumption begun = order.resumption();
    this.lease = new LeaseKeeper(
        link, pace, onLost, begun == null ? 0 : begun.said().length(), bench.millis());
    this.resumeWindow = bench.config().resumeWindow();
    this.sealPatience = pace.sealPatience();
  }

  @Override
  public void look(Outbox outbox, long now) {
    lease.look(outbox, now);
  }

  @Override
  public void close() {
    lease.close();
  }

  @Override
  public Future<?> handOn(Outbox outbox, int rescues) {
    int journalled = lease.journalled();
    return link.handOn(journalled, outbox.textFrom(journalled), rescues, outbox.followers());
  }

  @Override
  public Future<?> abort() {
    return link.abort();
  }

  @Override
  public Future<Instant> seal(
      String text,
      FinishReason reason,
      Usage usage,
      Target speaker,
      int rescues,
      FaultException fault) {
    return link.seal(text, reason, usage, speaker, rescues, sealPatience, fault)
        .map(Sealed::timestamp);
  }

  @Override
  public Duration resumeWindow() {
    return resumeWindow;
  }
}
