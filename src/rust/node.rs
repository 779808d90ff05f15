// SPDX-License-Identifier: GPL-2.0-only

//! The node and its table of operations.
//!
//! `kernel::miscdevice` fills the table, and has no place for seeking, polling, syncing, splicing
//! and what is asked before a mapping: so the table is a copy with these in it, and registered here.

use kernel::{
    bindings,
    error::to_result,
    miscdevice::{
        MiscDeviceOptions,
        MiscDeviceRegistration, //
    },
    module::this_module,
    page::PAGE_SIZE,
    prelude::*,
    sync::Arc,
    types::{
        ForeignOwnable,
        Opaque, //
    },
};

use crate::{
    constants::{
        MYMEM_VERSION,
        READY, //
    },
    device::Device,
    LocalModule, //
};

const OPTIONS: MiscDeviceOptions = MiscDeviceOptions {
    name: c"mymem_rust",
};

/// The node in `/dev`, and the device behind it.
///
/// # Invariants
///
/// `misc` is registered, with a table of operations for files whose private data is an
/// `Arc<Device>`.
#[pin_data(PinnedDrop)]
pub(crate) struct Node {
    device: Arc<Device>,
    #[pin]
    misc: Opaque<bindings::miscdevice>,
}

// SAFETY: Any thread may deregister what another has registered.
unsafe impl Send for Node {}
// SAFETY: What `&Node` gives access to is `device`, which is `Sync`.
unsafe impl Sync for Node {}

impl Node {
    /// Makes the node. Whoever opens it finds the device in place.
    pub(crate) fn register(device: Arc<Device>) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            device,
            misc <- Opaque::try_ffi_init(|slot: *mut bindings::miscdevice| {
                let mut misc = OPTIONS.into_raw::<Device>();
                misc.fops = &OPERATIONS.0;
                // SAFETY: `slot` is for the initialiser to write to.
                unsafe { slot.write(misc) };
                // SAFETY: It has just been filled, and stays where it is until it is
                // deregistered by `drop()`, as it is pinned.
                to_result(unsafe { bindings::misc_register(slot) }).inspect_err(|error| {
                    pr_err!(
                        "cannot register /dev/{} (error {})\n",
                        OPTIONS.name,
                        error.to_errno()
                    )
                })
            }),
        })
        .pin_chain(|node| {
            pr_info!(
                "version {}, {} bytes at /dev/{}\n",
                MYMEM_VERSION,
                node.device.size(),
                OPTIONS.name
            );
            Ok(())
        })
    }

    /// The device behind a node that is being opened.
    pub(crate) fn device(misc: &MiscDeviceRegistration<Device>) -> Result<Arc<Device>> {
        let misc = misc.as_raw();
        // SAFETY: It is registered for as long as `misc` is borrowed, and nobody writes to it.
        if unsafe { (*misc).fops } != &raw const OPERATIONS.0 {
            return Err(ENODEV);
        }

        let misc: *mut Opaque<bindings::miscdevice> = misc.cast();
        // SAFETY: Only `register()` has that table, so this is the field of a `Node`, which is
        // not dropped while somebody is opening it.
        let node = unsafe { &*kernel::container_of!(misc, Node, misc) };

        Ok(node.device.clone())
    }
}

#[pinned_drop]
impl PinnedDrop for Node {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: By the type's invariant, it is registered.
        unsafe { bindings::misc_deregister(self.misc.get()) };
        pr_info!("unloaded\n");
    }
}

struct Operations(bindings::file_operations);

// SAFETY: It is a table of functions, and nobody writes to it.
unsafe impl Sync for Operations {}

static OPERATIONS: Operations = {
    let fops = OPTIONS.into_raw::<Device>().fops;
    // SAFETY: `into_raw()` has made it point to a table that is never gone.
    let mut table = unsafe { *fops };

    // An open or mapped file keeps the module: `device()` above and each call count on that.
    table.owner = this_module::<LocalModule>().as_ptr();
    table.llseek = Some(llseek);
    table.poll = Some(poll);
    table.fsync = Some(bindings::noop_fsync);
    table.splice_read = Some(bindings::copy_splice_read);
    table.splice_write = Some(bindings::iter_file_splice_write);
    table.get_unmapped_area = Some(get_unmapped_area);
    Operations(table)
};

/// # Safety
///
/// `file` is open, and of a node that is a [`Node`].
unsafe extern "C" fn llseek(
    file: *mut bindings::file,
    offset: bindings::loff_t,
    whence: c_int,
) -> bindings::loff_t {
    // SAFETY: `open()` has put an `Arc<Device>` there, and `release()` takes it away when
    // nobody can be seeking any more.
    let device = unsafe { <Arc<Device> as ForeignOwnable>::borrow((*file).private_data) };
    let size = device.size() as bindings::loff_t;

    // SAFETY: `file` is valid for as long as this call.
    unsafe { bindings::generic_file_llseek_size(file, offset, whence, size, size) }
}

/// Where a mapping is to be; an error if it goes beyond the end. The kernel asks before it
/// removes what was there.
///
/// # Safety
///
/// `file` is open, and of a node that is a [`Node`].
unsafe extern "C" fn get_unmapped_area(
    file: *mut bindings::file,
    addr: c_ulong,
    len: c_ulong,
    pgoff: c_ulong,
    flags: c_ulong,
) -> c_ulong {
    // SAFETY: As in `llseek()`.
    let device = unsafe { <Arc<Device> as ForeignOwnable>::borrow((*file).private_data) };
    if !device.block().memory().has_pages(pgoff, len / PAGE_SIZE) {
        return EINVAL.to_errno() as c_ulong;
    }

    // SAFETY: `file` is valid for as long as this call, and the rest is what the kernel gave.
    unsafe { bindings::mm_get_unmapped_area(file, addr, len, pgoff, flags) }
}

/// # Safety
///
/// None: it touches neither. Only so does it fit into the table.
unsafe extern "C" fn poll(
    _file: *mut bindings::file,
    _table: *mut bindings::poll_table_struct,
) -> bindings::__poll_t {
    READY
}
