package io.consoul.launcher;

import com.hazelcast.cluster.Cluster;
import com.hazelcast.cluster.Member;
import com.hazelcast.cluster.MembershipEvent;
import com.hazelcast.cluster.MembershipListener;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.LifecycleEvent;
import com.hazelcast.core.LifecycleEvent.LifecycleState;
import com.hazelcast.core.LifecycleListener;
import io.consoul.message.Addresses;
import io.consoul.message.NodeChanged;
import io.consoul.message.NodeChanged.Change;
import io.consoul.node.Node;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is in the cluster, by what Hazelcast says: tells the directory at once, the log in a line, and of who has left whoever
 * listens to events. It compares what there is with what there was, so that nothing depends on which events come, and in which
 * order: after a partition they come in any, and the members have new names; the ids of their nodes stay.
 */
final class Members implements MembershipListener, LifecycleListener {

  /** Under which vertx-hazelcast notes a node's id with its member. */
  static final String NODE_ID = "__vertx.nodeId";

  private static final Logger log = LoggerFactory.getLogger(Members.class);

  private final HazelcastInstance member;
  private final Node node;
  private final Map<String, String> addresses = new LinkedHashMap<>();
  private UUID membership;
  private UUID lifecycle;
  private boolean closed;

  private Members(HazelcastInstance member, Node node) {
    this.member = member;
    this.node = node;
  }

  /** Of a node that has joined. */
  static Members watch(HazelcastInstance member, Node node) {
    Members members = new Members(member, node);
    members.membership = member.getCluster().addMembershipListener(members);
    members.lifecycle = member.getLifecycleService().addLifecycleListener(members);
    members.compare();
    return members;
  }

  /** The ids of all nodes, this one's too, the one that is longest there first. */
  synchronized Set<String> ids() {
    return Set.copyOf(addresses.keySet());
  }

  /** Nothing is told any more: the node itself is about to leave. */
  synchronized void close() {
    closed = true;
    member.getCluster().removeMembershipListener(membership);
    member.getLifecycleService().removeLifecycleListener(lifecycle);
  }

  @Override
  public void memberAdded(MembershipEvent event) {
    compare();
  }

  @Override
  public void memberRemoved(MembershipEvent event) {
    compare();
  }

  /** A member that joins another part of the cluster is not told of those that it finds there. */
  @Override
  public void stateChanged(LifecycleEvent event) {
    if (event.getState() == LifecycleState.MERGED) {
      compare();
    }
  }

  private synchronized void compare() {
    if (closed) {
      return;
    }
    Map<String, String> now = present(member.getCluster());
    Map<String, String> before = new LinkedHashMap<>(addresses);
    addresses.clear();
    addresses.putAll(now);
    Set<String> left = new HashSet<>(before.keySet());
    left.removeAll(now.keySet());
    left.forEach(id -> left(id, before.get(id)));
    now.forEach((id, address) -> {
      if (!before.containsKey(id)) {
        joined(id, address);
      }
    });
  }

  private void left(String id, String address) {
    node.directory().nodeLeft(id);
    log.info("node {} at {} has left; nodes now: {}", id, address, addresses.size());
    node.bus()
        .announce(
            Addresses.EVENTS_CLUSTER, new NodeChanged(id, Change.LEFT, addresses.size()));
  }

  private void joined(String id, String address) {
    if (id.equals(node.id())) {
      log.info("this is node {} at {}; nodes now: {}", id, address, addresses.size());
    } else {
      node.directory().nodeJoined(id);
      log.info("node {} at {} is there; nodes now: {}", id, address, addresses.size());
    }
  }

  /** Who has no id is no node of ours: a member that only holds data, say. */
  private static Map<String, String> present(Cluster cluster) {
    Map<String, String> present = new LinkedHashMap<>();
    for (Member each : cluster.getMembers()) {
      String id = each.getAttribute(NODE_ID);
      if (id != null) {
        present.put(id, each.getAddress().getHost() + ":" + each.getAddress().getPort());
      }
    }
    return present;
  }
}
