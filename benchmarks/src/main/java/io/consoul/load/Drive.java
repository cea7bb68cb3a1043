package io.consoul.load;

import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;

/**
 * One run: closed, where each client begins its next operation when the last one is done; or open, where operations begin at a rate
 * whatever becomes of those before, and their latency counts from when they should have begun. Confined to one event loop.
 */
final class Drive {

  private static final long LONGEST_MICROS = TimeUnit.MINUTES.toMicros(10);

  /** Operations of an open run that may be under way; more are counted as failed at once. */
  private static final int MOST_UNDER_WAY = 5_000;

  private static final long GRACE_SECONDS = 30;

  private final Vertx vertx;
  private final Call call;
  private final Load.Options options;
  private final LongSupplier cpu;
  private final LongSupplier otherCpu;
  private final Histogram latency = new Histogram(LONGEST_MICROS, 3);
  private final Promise<Figures> result = Promise.promise();
  private long end;
  private long done;
  private long failed;
  private int underWay;
  private long begun;

  private Drive(
      Vertx vertx, Call call, Load.Options options, LongSupplier cpu, LongSupplier otherCpu) {
    this.vertx = vertx;
    this.call = call;
    this.options = options;
    this.cpu = cpu;
    this.otherCpu = otherCpu;
  }

  /** Blocks until it is over and nothing is under way any more. */
  static Figures run(
      Context context,
      Call call,
      Load.Options options,
      double seconds,
      LongSupplier cpu,
      LongSupplier otherCpu) {
    Drive drive = new Drive(context.owner(), call, options, cpu, otherCpu);
    context.runOnContext(none -> drive.begin(seconds));
    try {
      return drive.result.future().await((long) seconds + GRACE_SECONDS, TimeUnit.SECONDS);
    } catch (Exception late) {
      throw new IllegalStateException(
          "the run does not end: " + drive.underWay + " operations are under way", late);
    }
  }

  private void begin(double seconds) {
    long start = System.nanoTime();
    long cpuBefore = cpu.getAsLong();
    long otherBefore = otherCpu.getAsLong();
    end = start + (long) (seconds * 1e9);
    vertx.setTimer((long) (seconds * 1_000), id -> {
      // What comes after the end is not counted, nor its CPU.
      Figures figures = new Figures(
          done,
          failed,
          System.nanoTime() - start,
          latency.copy(),
          cpu.getAsLong() - cpuBefore,
          otherCpu.getAsLong() - otherBefore);
      awaitRest(figures);
    });
    if (options.rate > 0) {
      open(start);
    } else {
      for (int client = 0; client < options.clients; client++) {
        next(client, 0);
      }
    }
  }

  private void awaitRest(Figures figures) {
    if (underWay == 0) {
      result.complete(figures);
    } else {
      vertx.setTimer(5, id -> awaitRest(figures));
    }
  }

  private void next(int client, int number) {
    long start = System.nanoTime();
    if (start >= end) {
      return;
    }
    underWay++;
    call.begin(client, number).onComplete(answer -> {
      underWay--;
      tell(start, answer.succeeded());
      next(client, number + 1);
    });
  }

  private void open(long start) {
    vertx.setPeriodic(1, timer -> {
      long now = System.nanoTime();
      if (now >= end) {
        vertx.cancelTimer(timer);
        return;
      }
      long due = (long) ((now - start) / 1e9 * options.rate);
      for (; begun < due; begun++) {
        one(start + (long) (begun * 1e9 / options.rate));
      }
    });
  }

  private void one(long should) {
    if (underWay >= MOST_UNDER_WAY) {
      failed++;
      return;
    }
    int client = (int) (begun % options.clients);
    int number = (int) (begun / options.clients);
    underWay++;
    call.begin(client, number).onComplete(answer -> {
      underWay--;
      tell(should, answer.succeeded());
    });
  }

  private void tell(long start, boolean succeeded) {
    long now = System.nanoTime();
    if (now > end) {
      return;
    }
    if (succeeded) {
      done++;
      latency.recordValue(Math.min(LONGEST_MICROS, Math.max(1, (now - start) / 1_000)));
    } else {
      failed++;
    }
  }
}
