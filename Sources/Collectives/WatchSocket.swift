// The few calls of the system that a TCP connection between two ranks takes.

import Foundation

/// One end of a connection, or an end that others connect to. Closed when it is let go.
final class WatchSocket: @unchecked Sendable {
  let descriptor: Int32

  private init?(_ descriptor: Int32) {
    guard descriptor >= 0 else { return nil }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  private static func make() -> WatchSocket? {
    WatchSocket(socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0))
  }

  /// An end at all addresses of this machine, and its port: one of `ports` that is free, or any
  /// that the system has where that is empty.
  static func listening(ports: Range<UInt16>) -> (socket: WatchSocket, port: UInt16)? {
    guard let socket = make() else { return nil }
    for port in ports.isEmpty ? [0] : Array(ports) {
      var address = internetAddress(0, port: port)
      guard withSystemAddress(&address, { bind(socket.descriptor, $0, $1) }) == 0 else { continue }
      guard listen(socket.descriptor, 512) == 0 else { return nil }
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      _ = withSystemAddress(&address) { pointer, _ in
        getsockname(socket.descriptor, UnsafeMutablePointer(mutating: pointer), &length)
      }
      return (socket, UInt16(bigEndian: address.sin_port))
    }
    return nil
  }

  /// The end of whoever has connected.
  func accepted() -> WatchSocket? {
    let accepted = WatchSocket(accept(descriptor, nil, nil))
    // A program that this one starts would keep the connection open.
    if let accepted { _ = fcntl(accepted.descriptor, F_SETFD, FD_CLOEXEC) }
    return accepted
  }

  /// A connection to another machine, of which `address` is one in the network's order of bytes;
  /// nil if nobody answers within `seconds`.
  static func connected(to address: UInt32, port: UInt16, within seconds: Int) -> WatchSocket? {
    guard let socket = make() else { return nil }
    // Bounds `connect` as well.
    socket.limit(SO_SNDTIMEO, seconds: seconds)
    var target = internetAddress(address, port: port)
    let status = withSystemAddress(&target) { connect(socket.descriptor, $0, $1) }
    return status == 0 ? socket : nil
  }

  /// Bounds how long `receive` waits.
  func limitReceiving(seconds: Int) { limit(SO_RCVTIMEO, seconds: seconds) }

  private func limit(_ option: Int32, seconds: Int) {
    var time = timeval(tv_sec: seconds, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
  }

  /// Sends bytes so few that they need not wait. That the other end is gone is learned by reading.
  func send(_ bytes: [UInt8]) {
    _ = Foundation.send(
      descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
  }

  /// What has come, `count` bytes at most: none if the other end was closed, nil if the connection
  /// has failed, which says nothing of the process at its other end.
  func receive(atMost count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    let received = recv(descriptor, &bytes, count, 0)
    return received < 0 ? nil : Array(bytes.prefix(received))
  }
}

/// The IPv4 addresses of this machine but those that only it knows, in the network's order of bytes.
func machineAddresses() -> [UInt32] {
  var list: UnsafeMutablePointer<ifaddrs>?
  guard getifaddrs(&list) == 0 else { return [] }
  defer { freeifaddrs(list) }
  var found: [UInt32] = []
  var next = list
  while let entry = next?.pointee {
    next = entry.ifa_next
    guard let address = entry.ifa_addr, address.pointee.sa_family == sa_family_t(AF_INET),
      entry.ifa_flags & UInt32(IFF_LOOPBACK) == 0,
      entry.ifa_flags & UInt32(IFF_UP) != 0
    else { continue }
    found.append(
      address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { $0.pointee.sin_addr.s_addr })
  }
  return found
}

/// Waits until some of the sockets have something to read, for `milliseconds` (-1: for ever). Returns
/// which of them have.
func readable(_ sockets: [WatchSocket], within milliseconds: Int32) -> [Bool] {
  var entries = sockets.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
  let count = poll(&entries, nfds_t(entries.count), milliseconds)
  return entries.map { count > 0 && $0.revents != 0 }
}

private func internetAddress(_ address: UInt32, port: UInt16) -> sockaddr_in {
  var result = sockaddr_in()
  result.sin_family = sa_family_t(AF_INET)
  result.sin_port = port.bigEndian
  result.sin_addr.s_addr = address
  return result
}

private func withSystemAddress(
  _ address: inout sockaddr_in, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
) -> Int32 {
  withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
}
