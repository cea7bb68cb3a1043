package io.consoul.provider;

import io.consoul.fault.FaultException;
import io.consoul.message.AnswerTurn;
import io.consoul.message.Completed;
import io.consoul.message.Failed;
import io.consoul.message.FinishReason;
import io.consoul.message.TurnEvent;
import io.consoul.message.TurnFailed;
import io.consoul.message.Usage;
import io.vertx.core.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings one turn to its end, and tells which event its listeners get last. Its futures never fail. */
final class Ending {

  private static final Logger log = LoggerFactory.getLogger(Ending.class);

  private final Workbench bench;
  private final AnswerTurn order;
  private final Target route;
  private final Completion completion;
  private final Custody custody;
  private final long begun;

  Ending(Workbench bench, AnswerTurn order, Target route, Completion completion, Custody custody) {
    this.bench = bench;
    this.order = order;
    this.route = route;
    this.completion = completion;
    this.custody = custody;
    this.begun = bench.millis();
  }

  /** Nothing was said: the turn leaves no trace. */
  Future<TurnEvent> abort(FaultException fault) {
    return custody
        .abort()
        .onFailure(
            failure -> log.warn("turn {} could not be aborted; its lease will lapse", order.turn()))
        .transform(aborted -> Future.succeededFuture(failed(0, fault)));
  }

  /**
   * The text is kept.
   *
   * @param told by the provider, or null to count it here
   * @param fault why the text is not the whole answer, or null
   */
  Future<TurnEvent> seal(String text, FinishReason reason, Usage told, FaultException fault) {
    Future<Usage> usage =
        told == null ? bench.tokens().of(completion, text, true) : Future.succeededFuture(told);
    return usage.compose(used -> custody
        .seal(text, reason, used, fault)
        .<TurnEvent>map(taken -> fault != null
            ? failed(text.length(), fault)
            : new Completed(
                order.turn(),
                order.fence(),
                text.length(),
                reason,
                used,
                route.model(),
                route.upstream().name(),
                taken,
                bench.millis() - begun))
        .onFailure(failure ->
            log.warn("turn {} could not be sealed: {}", order.turn(), failure.toString()))
        .otherwise(failure -> failed(text.length(), failure)));
  }

  /** The event for a turn that ended after so much text. */
  TurnEvent failed(int length, Throwable reason) {
    return new TurnFailed(order.turn(), order.fence(), length, Failed.of(reason));
  }
}
