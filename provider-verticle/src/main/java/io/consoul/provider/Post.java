package io.consoul.provider;

import io.consoul.provider.course.Course;

/** Sends a turn's listeners what its outbox lets go, and holds its course up while nobody takes any more. */
final class Post {

  private final Workbench bench;
  private final Outbox outbox;
  private boolean paused;

  Post(Workbench bench, Outbox outbox) {
    this.bench = bench;
    this.outbox = outbox;
  }

  void send() {
    for (Outbox.Parcel parcel : outbox.outgoing(bench.millis())) {
      bench.node().bus().tell(parcel.to(), parcel.event());
    }
  }

  /** To be called after {@link #send}, while the course goes on. */
  void pace(Course course) {
    boolean jammed = outbox.isJammed() || outbox.isDeserted() && bench.unheard().isFull();
    if (jammed == paused) {
      return;
    }
    paused = jammed;
    if (jammed) {
      course.pause();
    } else {
      course.resume();
    }
  }
}
