package io.consoul.provider;

import io.consoul.fault.FaultException;
import io.consoul.message.AnswerTurn;
import io.consoul.message.Completed;
import io.consoul.message.Failed;
import io.consoul.message.FinishReason;
import io.consoul.message.Listener;
import io.consoul.message.TurnEvent;
import io.consoul.message.TurnFailed;
import io.consoul.message.Usage;
import io.consoul.provider.course.Course;
import io.vertx.core.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings one turn to its end, and tells which event its listeners get last. Its futures never fail. */
final class Ending {

  private static final Logger log = LoggerFactory.getLogger(Ending.class);

  /**
   * How the text came to its end.
   *
   * @param told by the provider, or null to count it here
   * @param fault why the text is not the whole answer, or null
   */
  record Outcome(FinishReason reason, Usage told, FaultException fault) {}

  private final Workbench bench;
  private final AnswerTurn order;
  private final Completion completion;
  private final Custody custody;
  private final long begun;

  Ending(Workbench bench, AnswerTurn order, Completion completion, Custody custody) {
    this.bench = bench;
    this.order = order;
    this.completion = completion;
    this.custody = custody;
    this.begun = bench.millis();
  }

  /** Nothing was said: the turn leaves no trace. Where another attempt has it, that counts for more than the fault. */
  Future<TurnEvent> abort(FaultException fault) {
    return custody
        .abort()
        .onFailure(
            failure -> log.warn("turn {} could not be aborted; its lease will lapse", order.turn()))
        .transform(aborted -> Future.succeededFuture(
            failed(0, SessionLink.isAnothers(aborted.cause()) ? aborted.cause() : fault)));
  }

  /**
   * The text is kept.
   *
   * @param course that led to it
   * @param asides how many there are
   */
  Future<TurnEvent> seal(String text, Outcome outcome, Course course, int asides) {
    Target speaker = course.tally().speaker();
    return usage(text, outcome)
        .onSuccess(usage -> bench.meters().used(speaker.model(), usage))
        .map(course.tally()::price)
        .compose(usage -> custody
            .seal(text, outcome.reason(), usage, speaker, course.rescues(), outcome.fault())
            .<TurnEvent>map(taken -> outcome.fault() != null
                ? failed(text.length(), outcome.fault())
                : new Completed(
                    order.turn(),
                    Listener.ONLY,
                    order.fence(),
                    text.length(),
                    outcome.reason(),
                    usage,
                    speaker.model(),
                    speaker.upstream().name(),
                    asides,
                    course.rescues(),
                    taken,
                    bench.millis() - begun))
            .onFailure(failure ->
                log.warn("turn {} could not be sealed: {}", order.turn(), failure.toString()))
            .otherwise(failure -> failed(text.length(), failure)));
  }

  /** The text is nobody's any more; its tokens were used all the same. */
  void drop(String text, Course course) {
    String model = course.tally().speaker().model();
    bench.tokens().of(completion, text, true).onSuccess(usage -> bench.meters().used(model, usage));
  }

  /** The event for a turn that ended after so much text. */
  TurnEvent failed(int length, Throwable reason) {
    return new TurnFailed(order.turn(), order.fence(), length, Failed.of(reason));
  }

  private Future<Usage> usage(String text, Outcome outcome) {
    return outcome.told() == null
        ? bench.tokens().of(completion, text, true)
        : Future.succeededFuture(outcome.told());
  }
}
